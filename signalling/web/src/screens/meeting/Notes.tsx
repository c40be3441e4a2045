import { Button, Textarea } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatTime } from '../../i18n/format';
import { useToasts } from '../../parts/Toaster';
import type { Meeting, Note } from '../../protocol';
import { audienceOf } from '../../state/audience';
import { useLive } from '../../state/LiveContext';
import { AudiencePicker, useAudienceText } from './AudiencePicker';
import classes from './Floor.module.css';

const PHRASES = ['mute', 'camera', 'back', 'wait', 'louder'] as const;

export interface NotesProps {
  meeting: Meeting;
  notes: readonly Note[];
  own: number;
  mayLead: boolean;
}

/** What was written, and the field to write: to the sites, or from the own seat to the chair. */
export function Notes({ meeting, notes, own, mayLead }: NotesProps) {
  const { t } = useTranslation();
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' });
  }, [notes.length]);
  return (
    <section className={classes.panel} aria-labelledby="notes">
      <h2 id="notes" className={classes.title}>
        {t('notes.title')}
      </h2>
      {notes.length === 0 && <p className={classes.hint}>{t('notes.none')}</p>}
      <ul className={classes.notes} aria-live="polite" data-testid="notes">
        {notes.map((note) => (
          <NoteItem key={note.id} note={note} />
        ))}
        <li ref={end} aria-hidden="true" />
      </ul>
      {(mayLead || own !== 0) && <Writing meeting={meeting} mayLead={mayLead} />}
    </section>
  );
}

function NoteItem({ note }: { note: Note }) {
  const { t } = useTranslation();
  const textOf = useAudienceText();
  return (
    <li className={classes.note} data-from={note.source === null ? 'chair' : 'site'}>
      <p className={classes.hint}>
        {formatTime(note.at_ms)} · {note.from}
        {note.to !== null && ` · ${t('notes.toWhom', { who: textOf(note.to) })}`}
      </p>
      <p className={classes.words}>{note.text}</p>
    </li>
  );
}

function Writing({ meeting, mayLead }: { meeting: Meeting; mayLead: boolean }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const [to, setTo] = useState('everyone');
  const [text, setText] = useState('');

  const send = async (words: string): Promise<void> => {
    const request = live.client.request('note.send', {
      meeting: meeting.id,
      text: words.trim(),
      ...(mayLead && { to: audienceOf(to) }),
    });
    if ((await attempt(request)) && words === text) {
      setText('');
    }
  };

  return (
    <form
      className={classes.writing}
      onSubmit={(event) => {
        event.preventDefault();
        void send(text);
      }}
    >
      {mayLead && (
        <AudiencePicker
          label={t('notes.to')}
          testId="note-to"
          meeting={meeting}
          value={to}
          onChange={setTo}
        />
      )}
      {mayLead && (
        <div className={classes.acts} role="group" aria-label={t('notes.phrases')}>
          {PHRASES.map((phrase) => (
            <Button
              key={phrase}
              size="compact-sm"
              variant="default"
              className={classes.phrase}
              onClick={() => setText(t(`notes.phrase.${phrase}`))}
              data-testid={`phrase-${phrase}`}
            >
              {t(`notes.phrase.${phrase}`)}
            </Button>
          ))}
        </div>
      )}
      <Textarea
        aria-label={t(mayLead ? 'notes.text' : 'notes.toChair')}
        placeholder={t(mayLead ? 'notes.text' : 'notes.toChair')}
        value={text}
        maxLength={190}
        rows={2}
        onChange={(event) => setText(event.currentTarget.value)}
        data-testid="note-text"
      />
      <Button type="submit" disabled={text.trim() === ''} data-testid="note-send">
        {t('notes.send')}
      </Button>
    </form>
  );
}
