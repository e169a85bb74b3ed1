"""The name that verifiers finds the taskset by: its ids are modules without dots."""

from quarry_client.verifiers import QuarryTaskset

__all__ = ["QuarryTaskset"]
