// The app reads of the hub's answers what the hub sends: the compiler holds each type that the app has for an answer against the document
// of the API, `docs/openapi.json`, which the hub's own tests hold against the hub. `npm test` makes `wire.gen.d.ts` of it.

import type { PasskeyView, SessionView } from '../account/sessions';
import type { FailedTries } from '../account/failed-sign-ins';
import type { Found, Tried } from '../devices/camera';
import type { DeviceView } from '../devices/view';
import type { Device } from '../home/cameras.svelte';
import type { List, Reminder, Timer } from '../home/effects.svelte';
import type { ChangeDone } from '../household/change';
import type { Filter, Forgotten, Preview, Recording, Selection, Session, Stays } from './api';
import type { NewAccount } from '../keys/enrol';
import type { Pass } from '../media/looks';
import type { Head } from '../ledger/visit';
import type { LineProof } from '../ledger/receipt';
import type { View as Invitation } from '../people/invitations.svelte';
import type { Answered } from '../timeline/days.svelte';
import type { Sentence } from '../words/hub';
import type { components } from './wire.gen';

type Wire = components['schemas'];

/** What the app reads of answers, with what the hub calls it. */
type Read = [
  [Answered, Wire['AnsweredView']],
  [ChangeDone, Wire['ChangeDone']],
  [Device, Wire['DeviceView']],
  [DeviceView, Wire['DeviceView']],
  [FailedTries, Wire['FailedTries']],
  [Forgotten, Wire['ForgottenView']],
  [Found, Wire['FoundCamera']],
  [Head, Wire['LedgerHead']],
  [Invitation, Wire['InvitationView']],
  [LineProof, Wire['LineProof']],
  [List, Wire['ListView']],
  [Pass, Wire['LookPass']],
  [PasskeyView, Wire['PasskeyView']],
  [Preview, Wire['ForgetPreview']],
  [Recording, Wire['RecordingView']],
  [Reminder, Wire['ReminderView']],
  [Sentence, Wire['Message']],
  [Session, Wire['SessionView']],
  [SessionView, Wire['SessionView']],
  [Stays, Wire['Stays']],
  [Timer, Wire['TimerView']],
  [Tried, Wire['CameraTried']],
];

/** What the app sends. */
type Sent = [
  [Wire['Filter'], Filter],
  [Wire['NewAccount'], NewAccount],
  [Wire['Selection'], Selection],
];

/**
 * What one side relies on and the other does not give: another name, another kind, or nothing where something must be. Sentences are made of
 * sentences, so it looks as deep as answers are and no deeper.
 */
type Missing<Relied, Given, Depth extends unknown[] = []> = Depth['length'] extends 5
  ? never
  : Relied extends readonly (infer R)[]
    ? Given extends readonly (infer G)[]
      ? Missing<R, G, [...Depth, 0]>
      : 'no list'
    : Relied extends object
      ? Given extends Record<string, never>
        ? never // an object of which the document says no more: what the household signs
        : Given extends object
          ? { [K in keyof Relied & string]-?: Of<K, Relied[K], K extends keyof Given ? Given[K] : never, Depth> }[keyof Relied & string]
          : 'no object'
      : Relied extends Given
        ? never
        : Given extends Relied
          ? never
          : 'another kind';

/** Of one part. What the document calls optional may be `null` as well as absent: whoever reads either is right. */
type Of<Name extends string, Relied, Given, Depth extends unknown[]> = [Given] extends [never]
  ? Absent<Name, Relied>
  : null extends Given
    ? null extends Relied
      ? Within<Name, Relied, Given, Depth>
      : undefined extends Relied
        ? Within<Name, Relied, Given, Depth>
        : `${Name} may be null`
    : Within<Name, Relied, Given, Depth>;

type Absent<Name extends string, Relied> = undefined extends Relied ? never : Name;

type Within<Name extends string, Relied, Given, Depth extends unknown[]> =
  Missing<NonNullable<Relied>, NonNullable<Given>, [...Depth, 0]> extends infer Found ? ([Found] extends [never] ? never : `${Name}: ${Found & string}`) : never;

type MissingOfAll<Pairs extends readonly [unknown, unknown][]> = { [At in keyof Pairs]: Missing<Pairs[At][0], Pairs[At][1]> }[number];

const nothing = <_Missing extends never>(): void => undefined;
nothing<MissingOfAll<Read>>();
nothing<MissingOfAll<Sent>>();
