"""The time in a picture's own pixels: the Python side of stamp.ts.

64 bits in two rows of 32 blocks of 16x16 pixels at the top left corner, white
for 1: 52 bits of microseconds since the epoch, 12 bits of checksum.
"""

BLOCK = 16
COLUMNS = 32
ROWS = 2
WIDTH = COLUMNS * BLOCK
HEIGHT = ROWS * BLOCK
CHECK_BITS = 12
MASK = (1 << CHECK_BITS) - 1
# In video range, as encoders expect it.
BLACK, WHITE = b"\x10" * BLOCK, b"\xeb" * BLOCK


def checksum(micros):
    """12 bits that a misread, or a picture without a stamp, does not have."""
    total = 0x5A3
    while micros:
        total = (total * 31 + (micros & 0xFF)) & 0xFFFFFF
        micros >>= 8
    return (total ^ (total >> 12)) & MASK


def luma(micros, width):
    """The stamp as whole rows of a luma plane that is `width` wide."""
    word = micros << CHECK_BITS | checksum(micros)
    bits = f"{word:0{COLUMNS * ROWS}b}"
    rest = b"\x80" * (width - WIDTH)
    rows = []
    for start in range(0, len(bits), COLUMNS):
        row = b"".join(WHITE if bit == "1" else BLACK for bit in bits[start : start + COLUMNS])
        rows.append((row + rest) * BLOCK)
    return b"".join(rows)


def read(pixels, width, channels=3):
    """Epoch milliseconds, or None; `pixels` are flat bytes of interleaved rows."""
    word = 0
    for row in range(ROWS):
        for column in range(COLUMNS):
            word = word << 1 | _bit(pixels, width, channels, row, column)
    micros = word >> CHECK_BITS
    return micros / 1000 if word & MASK == checksum(micros) and micros else None


def _bit(pixels, width, channels, row, column):
    """The middle of the block, four pixels."""
    total = 0
    for y in (0, 1):
        line = (row * BLOCK + BLOCK // 2 + y) * width
        at = (line + column * BLOCK + BLOCK // 2) * channels
        total += pixels[at + 1 if channels > 1 else at]
        total += pixels[at + channels + (1 if channels > 1 else 0)]
    return 1 if total >= 4 * 128 else 0
