//! The codec by itself.

use super::*;

fn decode_all(codec: &mut MllpCodec, chunks: &[&[u8]]) -> Result<Vec<Bytes>, MllpError> {
    let mut buffer = BytesMut::new();
    let mut frames = Vec::new();
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        while let Some(frame) = codec.decode(&mut buffer)? {
            frames.push(frame);
        }
    }
    while let Some(frame) = codec.decode_eof(&mut buffer)? {
        frames.push(frame);
    }
    Ok(frames)
}

fn frames(chunks: &[&[u8]]) -> Result<Vec<Bytes>, MllpError> {
    decode_all(&mut MllpCodec::new(16, 4), chunks)
}

#[test]
fn a_missing_carriage_return_is_forgiven_where_nothing_else_can_be_meant() {
    assert_eq!(frames(&[b"\x0ba\x1c\x0bb\x1c\r"]).unwrap(), ["a", "b"]);
    assert_eq!(frames(&[b"\x0ba\x1c"]).unwrap(), ["a"]);
    assert_eq!(frames(&[b"\x0ba\x1cb\x1c\r"]).unwrap(), ["a\x1cb"]);
}

#[test]
fn a_message_that_was_given_up_is_dropped() {
    assert_eq!(frames(&[b"\x0bMSH|1", b"\x0bMSH|2\x1c\r"]).unwrap(), ["MSH|2"]);
}

#[test]
fn stray_bytes_are_skipped_up_to_the_bound_and_counted_anew_after_a_frame() {
    assert_eq!(frames(&[b"\r\n\x0ba\x1c\r", b"\r\n\r", b"\n\x0bb\x1c\r"]).unwrap(), ["a", "b"]);
    assert!(matches!(frames(&[b"GE", b"T /"]), Err(MllpError::NotFramed { limit: 4 })));
}

#[test]
fn a_frame_of_exactly_the_cap_is_taken_and_one_byte_more_is_not() {
    assert_eq!(frames(&[b"\x0b0123456789abcdef", b"\x1c", b"\r"]).unwrap().len(), 1);
    for chunks in [&[&b"\x0b0123456789abcdefg\x1c\r"[..]][..], &[b"\x0b0123456789abcdef", b"gh"]] {
        let Err(MllpError::FrameTooLarge { limit, head }) = frames(chunks) else {
            panic!("taken");
        };
        assert_eq!((limit, head.as_ref()), (16, &b"0123456789abcdef"[..]));
    }
}

#[test]
fn an_end_inside_a_frame_is_an_error() {
    assert!(matches!(frames(&[b"\x0bhalf"]), Err(MllpError::Truncated)));
    assert!(frames(&[b"", b"\x0b"]).is_err());
}

#[test]
fn an_answer_that_could_not_be_read_back_is_not_sent() {
    for bytes in [&b"a\x0bb"[..], b"a\x1cb"] {
        let sent = MllpCodec::new(16, 4).encode(bytes, &mut BytesMut::new());
        assert!(matches!(sent, Err(MllpError::Unframeable)));
    }
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_however_it_is_cut(
        messages in prop::collection::vec(
            prop::collection::vec(any::<u8>().prop_filter("framing", |b| ![START, END].contains(b)), 0..50),
            1..5,
        ),
        size in 1_usize..70,
    ) {
        let mut codec = MllpCodec::new(50, 0);
        let mut wire = BytesMut::new();
        for message in &messages {
            codec.encode(message.as_slice(), &mut wire).unwrap();
        }
        let chunks: Vec<_> = wire.chunks(size).collect();
        let decoded = decode_all(&mut codec, &chunks).unwrap();
        prop_assert_eq!(decoded, messages);
    }

    #[test]
    fn no_bytes_panic_or_grow_beyond_the_cap(
        chunks in prop::collection::vec(
            prop::collection::vec(prop_oneof![Just(START), Just(END), Just(b'\r'), any::<u8>()], 0..30),
            0..10,
        ),
    ) {
        let mut codec = MllpCodec::new(16, 8);
        let mut buffer = BytesMut::new();
        for chunk in chunks {
            buffer.extend_from_slice(&chunk);
            loop {
                match codec.decode(&mut buffer) {
                    Ok(Some(frame)) => prop_assert!(frame.len() <= 16),
                    Ok(None) => break,
                    Err(_) => return Ok(()),
                }
            }
            prop_assert!(buffer.len() <= 17);
        }
        let _ = codec.decode_eof(&mut buffer);
    }
}
