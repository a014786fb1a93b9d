"""The sections of a report, one file each: a function takes the reader and gives the section, or None."""
