"""OpenCV's VideoCapture. Arguments: URL SECONDS; its own options by its environment."""

import sys

import cv2
from sampler import Sampler, flat

sampler = Sampler(float(sys.argv[2]))
capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
while True:
    ok, picture = capture.read()
    if not ok or not sampler.take(flat(picture), picture.shape[1]):
        break
sampler.print("OpenCV", cv2.__version__)
