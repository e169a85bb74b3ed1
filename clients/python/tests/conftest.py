from played import pauses

__all__ = ["pauses"]
