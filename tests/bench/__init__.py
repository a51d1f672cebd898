"""Benchmarks: what a run costs, beside what a raw asyncssh loop costs on the same machine in the same minute."""
