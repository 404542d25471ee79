//! Bytes to text: detection, decoding, mojibake, normalisation.
