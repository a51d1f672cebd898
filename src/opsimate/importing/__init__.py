"""Providers from what other tools know of machines: Ansible inventories and SSH configurations."""
