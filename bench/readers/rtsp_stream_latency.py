"""The Python package rtsp-stream. Arguments: URL SECONDS next|read.

It has no way to wait for a frame: "next" asks every millisecond for another one.
"""

import sys
import time
from importlib.metadata import version

from consumer import until_next_look
from rtsp_stream import VideoStream
from sampler import Sampler, flat

polling = sys.argv[3] == "next"
sampler = Sampler(float(sys.argv[2]))
stream = VideoStream(sys.argv[1]).start()
last, going = None, True
while going:
    picture = stream.read()
    if picture is not None and (picture is not last or not polling):
        last = picture
        going = sampler.take(flat(picture), picture.shape[1])
    if picture is not None and not polling:
        until_next_look()
    else:
        time.sleep(0.001)
sampler.print("rtsp-stream", version("rtsp-stream"))
stream.stop()
