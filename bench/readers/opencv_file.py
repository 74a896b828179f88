"""Reads a file to its end with OpenCV, as a whole process to be timed."""

import sys

import cv2

capture = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
frames = size = 0
while (picture := capture.read()[1]) is not None:
    frames += 1
    size += picture.nbytes
print(f'{{"frames":{frames},"bytes":{size}}}')
