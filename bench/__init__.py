"""Benchmarks: each case measures the product against a bare base in the same run (bench/README.md)."""
