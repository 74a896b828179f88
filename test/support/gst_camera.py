"""An RTSP camera on loopback, made with gst-rtsp-server; started by camera.ts.

One JSON argument describes the camera. Prints "READY <port>" once it listens,
then "EVENT <name>" for every connection, granted request and hang-up.
"""

import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtsp, GstRtspServer  # noqa: E402,F401

ROLE = "viewer"
METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "GET_PARAMETER", "TEARDOWN")
GST_NAMES = {"h264": "h264", "hevc": "h265"}
PERMISSIONS = ("media.factory.access", "media.factory.construct")


def say(text):
    # One write for a whole line: several threads speak, and print() would write its end apart.
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def video_encoder(o):
    """The encoder and payloader, set for the least delay the codec can do."""
    key, kbit = o["keyInterval"], o["bitrate"]
    if o["codec"] == "mjpeg":
        return "jpegenc quality=85 ! rtpjpegpay name=pay0 pt=26"
    if o["codec"] == "hevc":
        tune = f"tune={o['tune']}" if o["tune"] else ""
        return (
            f"x265enc speed-preset=ultrafast {tune} bitrate={kbit} key-int-max={key}"
            f" option-string=bframes={o['bframes']}:pools=1:frame-threads=1:log-level=none"
            " ! h265parse config-interval=-1 ! rtph265pay name=pay0 pt=96"
        )
    # One slice a picture, as cameras do: zerolatency would otherwise cut the
    # picture into one slice per processor.
    tune = f"tune={o['tune']}" if o["tune"] else "rc-lookahead=0 sync-lookahead=0"
    # What comes after it takes any profile, and x264enc chooses one without B-frames.
    profile = "! video/x-h264,profile=main" if o["bframes"] else ""
    return (
        f"x264enc speed-preset=ultrafast {tune} bitrate={kbit} key-int-max={key}"
        f" bframes={o['bframes']} b-adapt=false threads={o['slices']}"
        f" {profile} ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96"
    )


def video(o):
    pattern = f"pattern={o['pattern']}"
    if o["foreground"] is not None:
        pattern += f" foreground-color={o['foreground']}"
    return (
        f"videotestsrc is-live=true {pattern}"
        f" ! video/x-raw,format=I420,width={o['width']},height={o['height']},framerate={o['fps']}/1"
        f" ! {video_encoder(o)}"
    )


def audio(pay):
    return (
        "audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1"
        f" ! alawenc ! rtppcmapay name={pay} pt=8"
    )


def pipeline(o):
    if o["launch"]:
        return o["launch"]
    if o["file"]:
        # identity paces by the clock, so that a file arrives as a live stream does.
        name = GST_NAMES[o["codec"]]
        source = (
            "appsrc name=units is-live=true format=time ! identity sync=true"
            f" ! {name}parse config-interval=-1 ! rtp{name}pay name=pay0 pt=96"
        )
    elif o["audio"] == "only":
        return f"( {audio('pay0')} )"
    else:
        source = video(o)
    return f"( {source} {audio('pay1') if o['audio'] == 'with' else ''} )"


def read_units(path, codec):
    """All access units of an MP4 file: (bytes, pts, dts), from dts 0."""
    name = GST_NAMES[codec]
    reader = Gst.parse_launch(
        f"filesrc name=src ! qtdemux ! {name}parse config-interval=-1"
        f" ! video/x-{name},stream-format=byte-stream,alignment=au"
        " ! appsink name=out sync=false"
    )
    reader.get_by_name("src").set_property("location", path)
    out, units, caps = reader.get_by_name("out"), [], None
    reader.set_state(Gst.State.PLAYING)
    while (sample := out.emit("pull-sample")) is not None:
        buffer, caps = sample.get_buffer(), sample.get_caps()
        units.append((buffer.extract_dup(0, buffer.get_size()), buffer.pts, buffer.dts))
    reader.set_state(Gst.State.NULL)
    if not units:
        raise SystemExit(f"no {codec} video in {path}")
    first = units[0][2]
    return [(data, pts - first, dts - first) for data, pts, dts in units], caps


def feed(media, units, caps, loop):
    """Serves the units with timestamps that go on rising over every loop."""
    source = media.get_element().get_by_name_recurse_up("units")
    source.set_property("caps", caps)
    period = units[-1][2] * len(units) // max(1, len(units) - 1)
    place = [0]

    def more(appsrc, _length):
        turn, index = divmod(place[0], len(units))
        if turn > 0 and not loop:
            appsrc.emit("end-of-stream")
            return
        data, pts, dts = units[index]
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts, buffer.dts = pts + turn * period, dts + turn * period
        place[0] += 1
        appsrc.emit("push-buffer", buffer)

    source.connect("need-data", more)


def protect(server, factory, auth):
    """Only the one user may see that the stream exists and open it."""
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
    """Tells the test what was asked of the camera and granted."""
    say("EVENT CONNECT")
    for method in METHODS:
        name = f"{method.lower().replace('_', '-')}-request"
        client.connect(name, lambda *_, method=method: say(f"EVENT {method}"))
    client.connect("closed", lambda _: say("EVENT CLOSED"))


def main():
    o = json.loads(sys.argv[1])
    Gst.init(None)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline(o))
    factory.set_shared(o["shared"])
    allowed = {"tcp": GstRtsp.RTSPLowerTrans.TCP, "udp": GstRtsp.RTSPLowerTrans.UDP}
    protocols = GstRtsp.RTSPLowerTrans(0)
    for name in o["transports"]:
        protocols |= allowed[name]
    factory.set_protocols(protocols)
    if o["feedback"]:
        factory.set_profiles(GstRtsp.RTSPProfile.AVPF)
    # Without a pool the media's UDP sockets would be bound to all interfaces.
    pool = GstRtspServer.RTSPAddressPool()
    pool.add_range("127.0.0.1", "127.0.0.1", 20000, 29999, 0)
    factory.set_address_pool(pool)
    if o["file"] and not o["launch"]:
        units, caps = read_units(o["file"], o["codec"])
        factory.connect("media-configure", lambda _, m: feed(m, units, caps, o["loop"]))

    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(o["port"]))
    if o["auth"]:
        protect(server, factory, o["auth"])
    server.get_mount_points().add_factory(o["path"], factory)
    server.connect("client-connected", report)
    if not server.attach(None):
        raise SystemExit(f"cannot listen on port {o['port']}")
    # A client that vanished on UDP is only forgotten by this.
    sessions = server.get_session_pool()
    GLib.timeout_add_seconds(2, lambda: sessions.cleanup() >= 0)
    say(f"READY {server.get_bound_port()}")
    GLib.MainLoop().run()


main()
