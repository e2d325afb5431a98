"""Activities of a class session: one file each, behind the common interface of `base`."""
