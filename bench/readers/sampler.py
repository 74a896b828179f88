"""Ages of pictures as one reader gets them: the Python side of sampler.ts."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../test/support"))
import stamp  # noqa: E402

# Seconds after the first frame that are not measured: the stream settles.
SETTLE = 1


class Sampler:
    def __init__(self, seconds):
        self.seconds = seconds
        self.start = time.monotonic()
        self.first = None
        self.samples = []
        self.misread = 0

    def take(self, pixels, width, channels=3):
        """Takes a picture's flat bytes; tells whether the reader shall go on."""
        now = time.time() * 1000
        elapsed = time.monotonic() - self.start
        made = stamp.read(pixels, width, channels)
        if self.first is None:
            self.first = elapsed
        settled = elapsed - self.first - SETTLE
        if made is None:
            self.misread += 1
        elif settled >= 0:
            self.samples.append(now - made)
        return settled < self.seconds

    def print(self, reader, version):
        line = {
            "reader": reader,
            "version": version,
            "firstFrameMs": None if self.first is None else self.first * 1000,
            "samples": self.samples,
            "misread": self.misread,
            "seconds": self.seconds,
        }
        print(json.dumps(line), flush=True)


def flat(array):
    """The bytes of a numpy picture, without a copy where its rows are not padded."""
    return memoryview(array.reshape(-1))
