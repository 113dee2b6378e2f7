"""Double programming: the endpoints once more, from the raw forms alone, in plain Python and by other ways.

Nothing of the program is used: what is written here follows the protocol's text, for an export without faults.
"""
