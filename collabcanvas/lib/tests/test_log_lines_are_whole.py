"""Many threads log at once, and each line is one line."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor

from collabcanvas.lib.logs import WholeLines


def test_lines_of_many_threads_stay_whole_and_all_arrive():
    reads, writes = os.pipe()
    logger = logging.Logger("lines")  # noqa: LOG001  # of this test alone
    with os.fdopen(writes, "w") as stream:
        logger.addHandler(WholeLines(stream))
        with ThreadPoolExecutor(8) as threads:
            for number in range(400):
                threads.submit(logger.info, "%s", f"{number:03}" * 30)
    with os.fdopen(reads) as lines:
        assert sorted(lines.read().splitlines()) == [f"{number:03}" * 30 for number in range(400)]


def test_what_a_filter_drops_is_not_written():
    reads, writes = os.pipe()
    logger = logging.Logger("lines")  # noqa: LOG001  # of this test alone
    with os.fdopen(writes, "w") as stream:
        handler = WholeLines(stream)
        handler.addFilter(lambda record: record.getMessage() != "no")
        logger.addHandler(handler)
        logger.info("no")
        logger.info("yes")
    with os.fdopen(reads) as lines:
        assert lines.read() == "yes\n"
