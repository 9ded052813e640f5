import { createGzip } from "node:zlib";

/** How the bytes of an exposition are sent, as `Content-Encoding` names it. */
export type Encoding = "identity" | "gzip";

// Level 1 takes a third of the time of the default for a tenth more bytes; metrics shrink eightfold either way.
const GZIP_LEVEL = 1;
/** Room for the bytes of one piece: a thousand samples take a third of it. */
const ROOM_BYTES = 1 << 18;
/** A character takes no more bytes than this in UTF-8, of those that JavaScript counts. */
const BYTES_A_CHARACTER = 3;

/** Puts the pieces of a text together. */
export interface Encoder {
  /** Takes the next piece; resolves when it wants another. */
  add(text: string): Promise<void>;
  /** Takes the last piece. @returns all of them */
  end(text: string): Promise<Buffer>;
}

/** An encoder for one text. With gzip only the compressed bytes are kept: half a million samples are 40 MB of text. */
export function encoder(encoding: Encoding): Encoder {
  return encoding === "gzip" ? gzipEncoder() : plainEncoder();
}

function plainEncoder(): Encoder {
  const chunks: Buffer[] = [];
  return {
    add: (text) => {
      chunks.push(Buffer.from(text));
      return Promise.resolve();
    },
    end: (text) => Promise.resolve(Buffer.concat([...chunks, Buffer.from(text)])),
  };
}

function gzipEncoder(): Encoder {
  const gzip = createGzip({ level: GZIP_LEVEL });
  const chunks: Buffer[] = [];
  let room = Buffer.alloc(ROOM_BYTES);
  // In the same place for all pieces, of which each has been compressed before the next comes: a buffer for each would be
  // thrown away, and 40 MB of them stay until the garbage is collected.
  const bytesOf = (text: string): Buffer => {
    const most = BYTES_A_CHARACTER * text.length;
    if (most > room.length) room = Buffer.alloc(most);
    return room.subarray(0, room.write(text));
  };
  gzip.on("data", (chunk: Buffer) => chunks.push(chunk));
  const failed = new Promise<never>((_, reject) => gzip.once("error", reject));
  // Whoever adds or ends hears of it.
  failed.catch(() => {});
  const done = new Promise<void>((resolve) => gzip.once("end", resolve));
  return {
    add: (text) =>
      Promise.race([
        failed,
        new Promise<void>((resolve) => gzip.write(bytesOf(text), () => resolve())),
      ]),
    end: async (text) => {
      gzip.end(bytesOf(text));
      await Promise.race([failed, done]);
      return Buffer.concat(chunks);
    },
  };
}
