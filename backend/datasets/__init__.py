"""Data sets: uploads, the stored sets, previews."""
