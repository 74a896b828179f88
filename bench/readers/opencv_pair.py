"""Two cameras with OpenCV: the Python side of ours_group.ts.

Argument: JSON of a PairTask with a "way" in it. "plain" reads one after the other; so
does "emptied", which first reads away what has queued up while the cameras were being
opened; "threads" has a thread for each that reads everything and keeps the newest.
"""

import json
import sys
import threading
import time

import cv2
from sampler import flat, stamp

# Seconds for which the consumer does something else.
BUSY = 5
BETWEEN_PAUSES = 1
RETRY = 0.05
# A read that takes so many seconds had to wait for the camera, if it is not the only one.
WAITED = 0.015
WAITS = 3


def capture(url):
    while True:
        opened = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
        if opened.isOpened():
            return opened
        time.sleep(RETRY)


class Plain:
    def __init__(self, left, right):
        self.left, self.right = capture(left), capture(right)

    def read(self):
        return self.left.read()[1], self.right.read()[1]


class Emptied(Plain):
    def __init__(self, left, right):
        super().__init__(left, right)
        self.waits = [0, 0]
        # At once: while one is emptied, the other one would fill.
        threads = [threading.Thread(target=self.empty, args=(camera,)) for camera in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def empty(self, camera):
        source = (self.left, self.right)[camera]
        while min(self.waits) < WAITS:
            start = time.monotonic()
            source.read()
            waited = time.monotonic() - start > WAITED
            self.waits[camera] = self.waits[camera] + 1 if waited else 0


class Newest:
    def __init__(self, url):
        self.url = url
        self.lock = threading.Lock()
        self.picture = None
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        source = capture(self.url)
        while True:
            ok, picture = source.read()
            if not ok:
                return
            with self.lock:
                self.picture = picture

    def read(self):
        with self.lock:
            return self.picture


class Threads:
    def __init__(self, left, right):
        self.sources = Newest(left), Newest(right)
        self.last = None, None

    def read(self):
        while True:
            pictures = tuple(source.read() for source in self.sources)
            pairs = zip(pictures, self.last)
            if all(one is not None and one is not last for one, last in pairs):
                self.last = pictures
                return pictures
            time.sleep(0.001)


class Reader:
    def __init__(self, task):
        way = {"plain": Plain, "emptied": Emptied, "threads": Threads}[task["way"]]
        self.source = way(task["left"], task["right"])
        self.work = task["work"] / 1000
        self.misread = 0

    def take(self):
        pictures = self.source.read()
        now = time.time() * 1000
        stamps = [None if one is None else stamp.read(flat(one), one.shape[1]) for one in pictures]
        if None in stamps:
            self.misread += 1
            return []
        first, last = min(stamps), max(stamps)
        return [{"skew": last - first, "newest": now - last, "oldest": now - first}]

    def take_for(self, seconds):
        """Counted from the first set."""
        taken, end = [], None
        while end is None or time.monotonic() < end:
            taken += self.take()
            end = end or time.monotonic() + seconds
            if self.work:
                time.sleep(self.work)
        return taken


def main():
    task = json.loads(sys.argv[1])
    reader = Reader(task)
    reader.take_for(task["settle"])
    reader.misread = 0
    sets = reader.take_for(task["seconds"])
    after_pause = []
    for _ in range(task["pauses"]):
        end = time.monotonic() + BUSY
        while time.monotonic() < end:
            pass
        after_pause += reader.take()
        reader.take_for(BETWEEN_PAUSES)
    line = {
        "sets": sets,
        "afterPause": after_pause,
        "seconds": task["seconds"],
        "misread": reader.misread,
    }
    print(json.dumps(line), flush=True)


main()
