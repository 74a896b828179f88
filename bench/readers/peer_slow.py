"""Readers of Python, read five times a second: the Python side of ours_slow.ts.

Arguments: URL SECONDS PAUSES thread|plain|rtsp-stream. "thread" is OpenCV as it is
mostly used for cameras: a thread reads everything and keeps the newest; "plain" is
OpenCV without one.
"""

import json
import resource
import sys
import threading
import time

import cv2
from consumer import until_next_look
from sampler import flat, stamp

SETTLE = 1
# Seconds for which the consumer does something else.
BUSY = 5


class Threaded:
    def __init__(self, url):
        self.capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
        self.lock = threading.Lock()
        self.newest = None
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            ok, picture = self.capture.read()
            if not ok:
                return
            with self.lock:
                self.newest = picture

    def read(self):
        with self.lock:
            return self.newest


class Plain:
    def __init__(self, url):
        self.capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)

    def read(self):
        return self.capture.read()[1]


def rtsp_stream(url):
    from rtsp_stream import VideoStream

    return VideoStream(url).start()


def look(source):
    picture = source.read()
    now = time.time() * 1000
    made = None if picture is None else stamp.read(flat(picture), picture.shape[1])
    return [] if made is None else [now - made]


def looks_for(source, seconds):
    ages, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        ages += look(source)
        until_next_look()
    return ages


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main():
    url, seconds, pauses, kind = sys.argv[1:]
    source = {"thread": Threaded, "plain": Plain, "rtsp-stream": rtsp_stream}[kind](url)
    while source.read() is None:
        time.sleep(0.01)
    looks_for(source, SETTLE)
    before, start = cpu(), time.monotonic()
    samples = looks_for(source, float(seconds))
    per_second = (cpu() - before) / (time.monotonic() - start)
    lags = []
    for _ in range(int(pauses)):
        end = time.monotonic() + BUSY
        while time.monotonic() < end:
            pass
        looks_for(source, 1)
        lags += look(source)
    line = {"cpuPerSecond": per_second, "samples": samples, "lags": lags}
    print(json.dumps(line), flush=True)


main()
