"""The Python package rtsp-stream across restarts of its camera: see ours_restart.ts.

Arguments: URL DELAY. It does not tell its attempts.
"""

import sys
import time

from rtsp_stream import VideoStream

stream = VideoStream(sys.argv[1], reconnect_delay=float(sys.argv[2]) / 1000).start()
connected = False
while True:
    picture = stream.read()
    if picture is not None and not connected:
        print(f"FRAME {time.time() * 1000}", flush=True)
    connected = picture is not None
    time.sleep(0.001)
