"""The shell: the only room that touches the outside. Reads exports, runs the steps in order, hands the results off."""

import os

# Read when Arrow is loaded, here and in every process begun from here. The pool that it would choose keeps the memory
# of columns that are gone, and takes fresh pages for those to come: a tenth of the peak of a large study, and of its
# seconds.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
