"""Reads a file to its end with PyAV, as a whole process to be timed."""

import sys

import av

frames = size = 0
with av.open(sys.argv[1]) as container:
    stream = container.streams.video[0]
    stream.codec_context.thread_count = 1
    for frame in container.decode(stream):
        frames += 1
        size += frame.to_ndarray(format="rgb24").nbytes
print(f'{{"frames":{frames},"bytes":{size}}}')
