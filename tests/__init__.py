"""Tests of OpsiMate Actions."""
