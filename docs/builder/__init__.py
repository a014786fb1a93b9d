"""What the site needs beside its pages: reference pages from the code, formulas, two languages, search."""
