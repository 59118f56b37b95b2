"""Times as logs write them: to the second, in one line, sortable by eye; the pages show UTC."""

DATE_FORMAT = "Y-m-d"
TIME_FORMAT = "H:i:s"
DATETIME_FORMAT = "Y-m-d H:i:s"
