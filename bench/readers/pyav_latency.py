"""PyAV. Arguments: URL SECONDS OPTIONS (JSON of the demuxer's options)."""

import json
import sys

import av
from sampler import Sampler, flat

options = json.loads(sys.argv[3])
low_delay = options.pop("low_delay", False)
sampler = Sampler(float(sys.argv[2]))
with av.open(sys.argv[1], options={"rtsp_transport": "tcp", **options}) as container:
    stream = container.streams.video[0]
    if low_delay:
        stream.codec_context.options = {"flags": "low_delay"}
        stream.codec_context.thread_count = 1
    for frame in container.decode(stream):
        picture = frame.to_ndarray(format="rgb24")
        if not sampler.take(flat(picture), picture.shape[1]):
            break
sampler.print("PyAV", av.__version__)
