"""A camera's pictures, made grey, to a server, by two ffmpeg commands with pipes.

Arguments: URL TARGET WIDTH HEIGHT FPS GOP INPUT-OPTIONS OUTPUT-OPTIONS (JSON). What
guides for Python do; the options are what some of them add.
"""

import json
import subprocess
import sys

import numpy as np

url, target, width, height, fps, gop = sys.argv[1:7]
more_in, more_out = (json.loads(text) for text in sys.argv[7:9])
quiet = ["ffmpeg", "-loglevel", "error"]
reader = subprocess.Popen(
    [*quiet, "-nostdin", *more_in, "-rtsp_transport", "tcp", "-i", url]
    + ["-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
    stdout=subprocess.PIPE,
)
writer = subprocess.Popen(
    [*quiet, "-y", "-f", "rawvideo", "-vcodec", "rawvideo", "-pix_fmt", "rgb24"]
    + ["-s", f"{width}x{height}", "-r", fps, "-i", "-", "-pix_fmt", "yuv420p"]
    + ["-c:v", "libx264", "-preset", "ultrafast", "-g", gop, *more_out, "-f", "flv", target],
    stdin=subprocess.PIPE,
)
shape = (int(height), int(width), 3)
size = shape[0] * shape[1] * shape[2]
while len(data := reader.stdout.read(size)) == size:
    picture = np.frombuffer(data, np.uint8).reshape(shape).copy()
    # Green stands for grey, as in ours_publish.ts.
    picture[..., 0] = picture[..., 1]
    picture[..., 2] = picture[..., 1]
    writer.stdin.write(picture.tobytes())
