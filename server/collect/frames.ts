/** A message as received, without its framing. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** The message exceeds the limit, and `bytes` is only its beginning. */
  readonly isCut: boolean;
}

export interface FrameReader {
  /** Returns the messages that end in this chunk. */
  push(chunk: Uint8Array): Frame[];
  /** Returns the message that the end of the connection ends, if newlines end its messages. */
  end(): Frame[];
  /** Whether a message has begun that is not complete. */
  isWithin(): boolean;
}

const LINE_FEED = 10;
/** `MSG-LEN SP <`: eight digits are 100 MB. More is no length, so that a hostile one cannot skip the stream. */
const COUNT = /^([1-9]\d{0,7}) </;
const COUNT_BEGINNING = /^[1-9]\d{0,7} ?$/;
const MAX_COUNT_BYTES = 10;

type State =
  | { readonly kind: "start" }
  | { readonly kind: "line" }
  | { readonly kind: "octets"; readonly length: number; readonly seen: number };

/**
 * Splits the bytes of a connection into messages. Octet counting or newlines are detected for each message, as RFC 6587
 * describes both: a message starts with `<`, and its octet count with a digit. Octet-counted messages can contain
 * newlines. Of a message over `maxBytes`, only the beginning is in memory.
 */
export function makeFrameReader(maxBytes: number): FrameReader {
  let state: State = { kind: "start" };
  let pieces: Uint8Array[] = [];
  let size = 0;

  const add = (piece: Uint8Array) => {
    const room = maxBytes + 1 - size;
    if (room <= 0 || piece.length === 0) return;
    const part = piece.length > room ? piece.subarray(0, room) : piece;
    pieces.push(part);
    size += part.length;
  };
  const take = (): Frame[] => {
    const [only] = pieces;
    const bytes = trim(pieces.length === 1 && only ? only : Buffer.concat(pieces));
    pieces = [];
    size = 0;
    state = { kind: "start" };
    if (bytes.length === 0) return [];
    const isCut = bytes.length > maxBytes;
    return [{ bytes: isCut ? bytes.subarray(0, maxBytes) : bytes, isCut }];
  };

  /** Decides the framing of the message that starts at `from`. @returns no state if more bytes are needed */
  const startAt = (bytes: Uint8Array): { next?: State; from: number } => {
    let from = 0;
    while (from < bytes.length && isFiller(bytes[from])) from++;
    const head = Buffer.from(bytes.subarray(from, from + MAX_COUNT_BYTES)).toString("latin1");
    const count = COUNT.exec(head)?.[1];
    if (count !== undefined) {
      return { next: { kind: "octets", length: Number(count), seen: 0 }, from: from + count.length + 1 };
    }
    return head === "" || COUNT_BEGINNING.test(head) ? { from } : { next: { kind: "line" }, from };
  };

  return {
    isWithin: () => size > 0 || state.kind === "octets",
    push: (chunk) => {
      const frames: Frame[] = [];
      let rest = chunk;
      while (rest.length > 0) {
        if (state.kind === "start") {
          const bytes: Uint8Array = pieces.length === 0 ? rest : Buffer.concat([...pieces, rest]);
          pieces = [];
          size = 0;
          const { next, from } = startAt(bytes);
          rest = bytes.subarray(from);
          if (next === undefined) {
            add(rest);
            break;
          }
          state = next;
        } else if (state.kind === "line") {
          const end = rest.indexOf(LINE_FEED);
          add(end === -1 ? rest : rest.subarray(0, end));
          if (end === -1) break;
          rest = rest.subarray(end + 1);
          frames.push(...take());
        } else {
          const missing = state.length - state.seen;
          add(rest.subarray(0, missing));
          if (rest.length < missing) {
            state = { ...state, seen: state.seen + rest.length };
            break;
          }
          rest = rest.subarray(missing);
          frames.push(...take());
        }
      }
      return frames;
    },
    end: () => (state.kind === "octets" ? [] : take()),
  };
}

/** What some senders write between messages. */
function isFiller(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === 13 || byte === 0 || byte === 32;
}

/** Without the line end and NULs that some senders add to a message. */
function trim(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === LINE_FEED || bytes[end - 1] === 13 || bytes[end - 1] === 0)) end--;
  return bytes.subarray(0, end);
}
