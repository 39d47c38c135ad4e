"""Parts of the hand-written script, by theme; it knows nothing of the framework that it is measured against."""

import sys

#: Which of two styles the modules are loaded in: ordinary pandas, or everything that makes pandas fast.
PLAIN = "--plain" in sys.argv
