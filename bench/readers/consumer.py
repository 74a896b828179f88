"""A consumer that looks for a frame five times a second: the Python side of consumer.ts."""

import random
import time

# Seconds on average; the camera's own period is spread over.
PERIOD = 0.2
SPREAD = 1 / 30


def until_next_look():
    time.sleep(PERIOD + (random.random() - 0.5) * SPREAD)
