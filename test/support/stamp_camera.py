"""A camera that writes the time into its own pixels; started by stamp_camera.ts.

One JSON argument: codec, width, height, fps, bitrate (kbit/s, for H.264),
keyInterval, port, path. A picture gets its stamp as the last thing before the
encoder takes it. Prints "READY <port>" once it listens.
"""

import json
import os
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtsp, GstRtspServer  # noqa: E402,F401

import stamp  # noqa: E402

# Prepared pictures, played forwards and backwards.
PICTURES = 12
# What a sensor adds: noise in the lowest bits, so that frames have a real one's size.
NOISE = bytes(value & 7 for value in range(256))

# The cheapest that x265 can do, at a constant quantizer: rate control alone would cost
# it more than a 1080p picture's period on one core.
X265 = (
    "bframes=0:pools=1:frame-threads=1:scenecut=0:rc-lookahead=0:ref=1:max-merge=1"
    ":subme=0:me=dia:merange=8:early-skip=1:rskip=1:aq-mode=0:rd=1:ctu=32:min-cu-size=32"
    ":no-deblock=1:no-weightp=1:no-cutree=1:fast-intra=1:log-level=none"
)


def encoder(o):
    key, kbit = o["keyInterval"], o["bitrate"]
    if o["codec"] == "hevc":
        return (
            f"x265enc speed-preset=ultrafast tune=zerolatency qp=28 key-int-max={key}"
            f" option-string={X265}"
            " ! h265parse config-interval=-1 ! rtph265pay name=pay0 pt=96"
        )
    return (
        f"x264enc speed-preset=ultrafast tune=zerolatency bitrate={kbit} key-int-max={key}"
        " bframes=0 threads=1 ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96"
    )


def caps(o):
    return (
        f"video/x-raw,format=I420,width={o['width']},height={o['height']}"
        f",framerate={o['fps']}/1,interlace-mode=progressive,colorimetry=bt709"
    )


def backgrounds(o):
    """A still scene with a moving band, and neutral colour where the stamp will be."""
    width, height = o["width"], o["height"]
    moving = patterns(o)
    still = noisy(moving[0])
    chroma, size = width * height, len(still)
    top, bottom = width * (height // 2), width * (height // 2 + height // 6)
    grey = b"\x80" * (stamp.HEIGHT // 2 * width // 2)
    pictures = []
    for pattern in moving:
        data = bytearray(still)
        data[top:bottom] = noisy(pattern[top:bottom])
        for plane in (chroma, (chroma + size) // 2):
            data[plane : plane + len(grey)] = grey
        pictures.append(Gst.Buffer.new_wrapped(bytes(data)))
    return pictures + pictures[-2:0:-1]


def patterns(o):
    reader = Gst.parse_launch(
        f"videotestsrc num-buffers={PICTURES} pattern=zone-plate kx2=12 ky2=8 kt=3"
        f" ! {caps(o)} ! appsink name=out sync=false"
    )
    out, pictures = reader.get_by_name("out"), []
    reader.set_state(Gst.State.PLAYING)
    while (sample := out.emit("pull-sample")) is not None:
        buffer = sample.get_buffer()
        pictures.append(buffer.extract_dup(0, buffer.get_size()))
    reader.set_state(Gst.State.NULL)
    return pictures


def noisy(data):
    noise = os.urandom(len(data)).translate(NOISE)
    mixed = int.from_bytes(data, "little") ^ int.from_bytes(noise, "little")
    return mixed.to_bytes(len(data), "little")


def feed(source, pictures, o):
    """One stamped picture a period, until the media is gone."""
    period, width = 1 / o["fps"], o["width"]
    due, index = time.monotonic(), 0
    while True:
        picture = pictures[index % len(pictures)].copy_deep()
        index += 1
        due += period
        time.sleep(max(0, due - time.monotonic()))
        picture.fill(0, stamp.luma(time.time_ns() // 1000, width))
        if source.emit("push-buffer", picture) != Gst.FlowReturn.OK:
            return


def configure(media, pictures, o):
    source = media.get_element().get_by_name_recurse_up("pictures")
    source.set_property("caps", Gst.Caps.from_string(caps(o)))
    started = []

    def begin(_source, _length):
        if not started:
            started.append(True)
            threading.Thread(target=feed, args=(source, pictures, o), daemon=True).start()

    source.connect("need-data", begin)


def main():
    o = json.loads(sys.argv[1])
    Gst.init(None)
    pictures = backgrounds(o)
    factory = GstRtspServer.RTSPMediaFactory()
    # A picture that the encoder could not take in time is replaced, never queued.
    factory.set_launch(
        "( appsrc name=pictures is-live=true format=time do-timestamp=true max-buffers=1"
        f" leaky-type=downstream ! {encoder(o)} )"
    )
    factory.set_shared(True)
    factory.set_latency(0)
    factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP)
    factory.connect("media-configure", lambda _, media: configure(media, pictures, o))

    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(o["port"]))
    server.get_mount_points().add_factory(o["path"], factory)
    if not server.attach(None):
        raise SystemExit(f"cannot listen on port {o['port']}")
    sessions = server.get_session_pool()
    GLib.timeout_add_seconds(2, lambda: sessions.cleanup() >= 0)
    print(f"READY {server.get_bound_port()}", flush=True)
    GLib.MainLoop().run()


main()
