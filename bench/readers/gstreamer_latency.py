"""GStreamer's rtspsrc and appsink. Arguments: URL SECONDS h264|hevc WIDTH."""

import os
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
from gi.repository import Gst, GstApp  # noqa: E402,F401

from sampler import Sampler  # noqa: E402

CODECS = {"h264": ("h264", "avdec_h264"), "hevc": ("h265", "avdec_h265")}
short, decoder = CODECS[sys.argv[3]]
width = int(sys.argv[4])
Gst.init(None)
sampler = Sampler(float(sys.argv[2]))
pipeline = Gst.parse_launch(
    f"rtspsrc location={sys.argv[1]} latency=0 protocols=tcp ! rtp{short}depay ! {short}parse"
    f" ! {decoder} max-threads=1 ! videoconvert ! video/x-raw,format=RGB"
    " ! appsink name=out drop=true max-buffers=1 sync=false"
)
out = pipeline.get_by_name("out")
pipeline.set_state(Gst.State.PLAYING)
going = True
while going and (sample := out.emit("pull-sample")) is not None:
    buffer = sample.get_buffer()
    # The picture stays where it is; only the rows of the stamp are copied.
    going = sampler.take(buffer.extract_dup(0, width * 3 * 32), width)
sampler.print("GStreamer", Gst.version_string().split()[-1])
sys.stdout.flush()
# Its shut-down is not measured.
os._exit(0)
