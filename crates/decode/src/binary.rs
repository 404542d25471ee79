//! What is no text at all.

use crate::bytes::count;

/// Signatures of files that are not text, and what they are.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF87a", "GIF image"),
    (b"GIF89a", "GIF image"),
    (b"II*\0", "TIFF image"),
    (b"MM\0*", "TIFF image"),
    (b"8BPS", "Photoshop image"),
    (b"\0\0\x01\0", "icon"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"\0\x01\0\0\0", "font"),
    (b"OTTO\0", "font"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP archive"),
    (b"PK\x05\x06", "ZIP archive"),
    (b"\x1f\x8b\x08", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (b"BZh91AY&SY", "bzip2 data"),
    (b"\xfd7zXZ\0", "xz data"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (b"Rar!\x1a\x07", "RAR archive"),
    (b"\x7fELF", "ELF executable"),
    (b"\xca\xfe\xba\xbe", "Java class or Mach-O executable"),
    (b"\xcf\xfa\xed\xfe", "Mach-O executable"),
    (b"\0asm", "WebAssembly"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE document"),
    (b"OggS\0", "Ogg media"),
    (b"fLaC\0", "FLAC audio"),
    (b"ID3\x03", "MP3 audio"),
    (b"ID3\x04", "MP3 audio"),
    (b"FLV\x01", "Flash video"),
    (b"\x1a\x45\xdf\xa3", "Matroska video"),
    (b"SQLite format 3\0", "SQLite database"),
    (b"PAR1", "Parquet file"),
    (b"ARROW1\0\0", "Arrow file"),
];

/// Which binary format `bytes` are in, by their signature.
pub(crate) fn signature(bytes: &[u8]) -> Option<&'static str> {
    if let [_, _, _, _, b'f', b't', b'y', b'p', ..] = bytes {
        return Some("MP4 media");
    }
    if let [b'R', b'I', b'F', b'F', _, _, _, _, kind @ ..] = bytes {
        return match kind {
            [b'W', b'E', b'B', b'P', ..] => Some("WebP image"),
            [b'W', b'A', b'V', b'E', ..] => Some("WAVE audio"),
            [b'A', b'V', b'I', b' ', ..] => Some("AVI video"),
            _ => None,
        };
    }
    SIGNATURES.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|&(_, name)| name)
}

/// Share of bytes that are control characters which no text in an ASCII-based encoding holds.
pub(crate) fn control_share(sample: &[u8]) -> f32 {
    let controls =
        count(sample, |byte| matches!(byte, 0..=8 | 0xb | 0xe..=0x19 | 0x1c..=0x1f | 0x7f));
    controls as f32 / sample.len().max(1) as f32
}
