"""What report models depend on."""


def merge(*dependencies):
    """Dependencies on fields (model -> names), all in one: a report over several contracts needs those of each.

    >>> merge({"a": ["x"]}, {"a": ["y"], "b": ["z"]})
    {'a': ['x', 'y'], 'b': ['z']}
    """
    merged = {}
    for dependency in dependencies:
        for model, names in dependency.items():
            known = merged.setdefault(model, [])
            known += [name for name in names if name not in known]
    return merged
