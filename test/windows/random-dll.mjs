// bcryptprimitives.dll, which Windows has and older wine has not: programs of Go take their random numbers from it. This one holds
// no code: its one name leads to the function of advapi32.dll that does the same.
const FILE_UNIT = 0x200;
const PAGE = 0x1000;

/** The bytes of the DLL. */
export function randomDLL() {
  const names = { dll: 'bcryptprimitives.dll', exported: 'ProcessPrng', forwarded: 'advapi32.SystemFunction036' };
  const place = (offset) => PAGE + offset;
  const section = Buffer.alloc(FILE_UNIT);
  // The export directory, its three tables of one row each, and the texts.
  const [functions, nameTable, ordinals, texts] = [40, 44, 48, 52];
  const at = {};
  let end = texts;
  for (const [name, text] of Object.entries(names)) {
    at[name] = place(end);
    end += section.write(`${text}\0`, end, 'latin1');
  }
  for (const [offset, value] of [
    ...[
      [12, at.dll],
      [16, 1],
      [20, 1],
      [24, 1],
    ],
    ...[
      [28, place(functions)],
      [32, place(nameTable)],
      [36, place(ordinals)],
    ],
    ...[
      [functions, at.forwarded],
      [nameTable, at.exported],
    ],
  ]) {
    section.writeUInt32LE(value, offset);
  }
  const header = Buffer.alloc(FILE_UNIT);
  header.write('MZ', 0, 'latin1');
  header.writeUInt32LE(0x40, 0x3c);
  header.write('PE\0\0', 0x40, 'latin1');
  const coff = 0x44;
  header.writeUInt16LE(0x8664, coff);
  header.writeUInt16LE(1, coff + 2);
  header.writeUInt16LE(240, coff + 16);
  // A DLL that may lie anywhere.
  header.writeUInt16LE(0x2022, coff + 18);
  const optional = coff + 20;
  header.writeUInt16LE(0x20b, optional);
  header.writeBigUInt64LE(0x1_8000_0000n, optional + 24);
  header.writeUInt32LE(PAGE, optional + 32);
  header.writeUInt32LE(FILE_UNIT, optional + 36);
  header.writeUInt16LE(6, optional + 40);
  header.writeUInt16LE(6, optional + 48);
  header.writeUInt32LE(2 * PAGE, optional + 56);
  header.writeUInt32LE(FILE_UNIT, optional + 60);
  header.writeUInt16LE(3, optional + 68);
  header.writeUInt16LE(0x140, optional + 70);
  header.writeUInt32LE(16, optional + 108);
  header.writeUInt32LE(place(0), optional + 112);
  header.writeUInt32LE(end, optional + 116);
  const row = optional + 240;
  header.write('.rdata', row, 'latin1');
  for (const [offset, value] of [
    [8, end],
    [12, PAGE],
    [16, FILE_UNIT],
    [20, FILE_UNIT],
    [36, 0x4000_0040],
  ]) {
    header.writeUInt32LE(value, row + offset);
  }
  return Buffer.concat([header, section]);
}
