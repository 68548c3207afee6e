import { describe, expect, it } from 'vitest';
import { otherWritersIn } from '../../../src/plugin/windows-writers.ts';

const OWN = 'S-1-5-21-1004336348-1177238915-682003330-1001';
const OTHER = 'S-1-5-21-1004336348-1177238915-682003330-1002';
/** The access list of a home folder, as Windows makes it. */
const HOME = `D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;${OWN})`;

describe('the access list of a folder on Windows', () => {
  it.each([
    ['a home folder', HOME],
    ['a home that everyone may read', `${HOME}(A;OICI;0x1200a9;;;WD)(A;;FR;;;BU)`],
    ['a home that a group may not change', `D:(D;;FA;;;WD)(A;OICI;FA;;;${OWN})`],
    ['a home with the rights of its owner', `D:AI(A;OICIIOID;GA;;;CO)(A;ID;FA;;;OW)(A;ID;FA;;;${OWN})S:AI`],
    ['a home that domain administrators may change', `${HOME}(A;OICI;FA;;;DA)`],
  ])('names nobody else who may change %s', (_, list) => {
    expect(otherWritersIn(list, OWN)).toEqual([]);
  });

  it.each([
    ['another user', `${HOME}(A;OICI;FA;;;${OTHER})`, OTHER],
    ['every user, by the right to add files', `${HOME}(A;CI;LC;;;BU)`, 'BU'],
    ['signed-in users, by a number', `${HOME}(A;OICIID;0x1301bf;;;AU)`, 'AU'],
    ['everyone, by the right to change rights', `${HOME}(A;;WD;;;WD)`, 'WD'],
    ['everyone, for the files that are made there', `${HOME}(A;OICIIO;GW;;;WD)`, 'WD'],
    ['everyone, with a condition', `${HOME}(XA;;FA;;;WD;(exists x))`, 'WD'],
    ['a user, by a right without a known name', `${HOME}(A;;ZZ;;;${OTHER})`, OTHER],
  ])('names %s', (_, list, who) => {
    expect(otherWritersIn(list, OWN)).toEqual([who]);
  });

  it.each(['', 'O:SYG:SY', 'D:NO_ACCESS_CONTROL', `O:${OWN}D:NO_ACCESS_CONTROLS:AI`])(
    'names everyone where there is none: %j',
    (list) => {
      expect(otherWritersIn(list, OWN)).toEqual(['WD']);
    },
  );
});
