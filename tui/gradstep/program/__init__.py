"""Makes stops: the process of the user's code. torch; never textual or rich."""
