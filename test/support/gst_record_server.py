"""An RTSP server on loopback that is recorded to, made with gst-rtsp-server; started by
gst_record_server.ts.

One JSON argument describes it. Prints "READY <port>" once it listens, "EVENT <name>" for
every connection, granted request and hang-up, and "PICTURE <width> <height> <seconds>"
for each decoded picture, whose RGBx bytes it appends to a file.
"""

import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtsp, GstRtspServer  # noqa: E402,F401

ROLE = "publisher"
METHODS = ("OPTIONS", "ANNOUNCE", "SETUP", "RECORD", "TEARDOWN")
PERMISSIONS = ("media.factory.access", "media.factory.construct")
DECODERS = {
    "h264": "rtph264depay name=depay0 ! h264parse ! avdec_h264 max-threads=1",
    "hevc": "rtph265depay name=depay0 ! h265parse ! avdec_h265 max-threads=1",
    "mpeg4": "rtpmp4vdepay name=depay0 ! mpeg4videoparse ! avdec_mpeg4 max-threads=1",
    "mjpeg": "rtpjpegdepay name=depay0 ! jpegdec",
}


def say(text):
    # One write for a whole line: several threads speak, and print() would write its end apart.
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def pipeline(codec):
    # Packed rows without padding, which GStreamer only promises of RGBx.
    return (
        f"( {DECODERS[codec]} ! videoconvert ! video/x-raw,format=RGBx"
        " ! appsink name=out sync=false emit-signals=true max-buffers=100 )"
    )


def trust_times(_pipeline, element):
    """Pictures have the times that were sent, not those of a clock that late packets bend."""
    if element.get_factory().get_name() == "rtpbin":
        element.set_property("buffer-mode", 0)


def collect(media, file):
    """Keeps every picture of a publisher, and tells of it."""

    def sample(sink):
        sample = sink.emit("pull-sample")
        buffer, info = sample.get_buffer(), sample.get_caps().get_structure(0)
        width, height = info.get_value("width"), info.get_value("height")
        data = buffer.extract_dup(0, buffer.get_size())
        file.write(data)
        file.flush()
        say(f"PICTURE {width} {height} {buffer.pts / Gst.SECOND}")
        return Gst.FlowReturn.OK

    element = media.get_element()
    element.get_by_name_recurse_up("out").connect("new-sample", sample)
    element.get_parent().connect("element-added", trust_times)


def protect(server, factory, auth):
    """Only the one user may publish."""
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", ROLE)
    guard = GstRtspServer.RTSPAuth()
    user, password = auth["username"], auth["password"]
    if auth["scheme"] == "digest":
        guard.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        guard.add_digest(user, password, token)
    else:
        guard.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        guard.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(guard)
    role = Gst.Structure.new_empty(ROLE)
    for permission in PERMISSIONS:
        role.set_value(permission, True)
    factory.add_role_from_structure(role)


def report(_server, client):
    """Tells the test what was asked of the server and granted."""
    say("EVENT CONNECT")
    for method in METHODS:
        client.connect(f"{method.lower()}-request", lambda *_, m=method: say(f"EVENT {m}"))
    client.connect("closed", lambda _: say("EVENT CLOSED"))


def main():
    o = json.loads(sys.argv[1])
    Gst.init(None)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline(o["codec"]))
    factory.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
    allowed = {"tcp": GstRtsp.RTSPLowerTrans.TCP, "udp": GstRtsp.RTSPLowerTrans.UDP}
    protocols = GstRtsp.RTSPLowerTrans(0)
    for name in o["transports"]:
        protocols |= allowed[name]
    factory.set_protocols(protocols)
    # Without a pool the media's UDP sockets would be bound to all interfaces.
    pool = GstRtspServer.RTSPAddressPool()
    pool.add_range("127.0.0.1", "127.0.0.1", 30000, 39999, 0)
    factory.set_address_pool(pool)
    file = open(o["pictures"], "ab")
    factory.connect("media-configure", lambda _, media: collect(media, file))

    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(o["port"]))
    if o["auth"]:
        protect(server, factory, o["auth"])
    server.get_mount_points().add_factory("/record", factory)
    server.connect("client-connected", report)
    if not server.attach(None):
        raise SystemExit(f"cannot listen on port {o['port']}")
    sessions = server.get_session_pool()
    GLib.timeout_add_seconds(2, lambda: sessions.cleanup() >= 0)
    say(f"READY {server.get_bound_port()}")
    GLib.MainLoop().run()


main()
