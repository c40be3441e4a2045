import { Button, Modal, Textarea } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useToasts } from '../../parts/Toaster';
import { useLive } from '../../state/LiveContext';
import { readContacts } from '../../state/contacts';
import { useSites } from '../../state/useSites';
import classes from './Invitations.module.css';

const SHOWN = 3;

/** Addresses of many sites at once, pasted from a list. Those that are not named stay as they are. */
export function ContactsButton({ onSaved }: { onSaved: () => void }) {
  const { t } = useTranslation();
  const { client } = useLive();
  const { attempt } = useToasts();
  const sites = useSites();
  const [text, setText] = useState<string | null>(null);
  const { contacts, wrong } = readContacts(text ?? '', sites);

  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (await attempt(client.request('contact.set', { contacts }))) {
      setText(null);
      onSaved();
    }
  };
  return (
    <>
      <Button variant="default" onClick={() => setText('')} data-testid="contacts">
        {t('invitation.contacts')}
      </Button>
      <Modal
        opened={text !== null}
        onClose={() => setText(null)}
        title={t('invitation.contacts')}
        lockScroll={false}
        centered
        size="lg"
        closeButtonProps={{ 'aria-label': t('app.close') }}
      >
        <form onSubmit={(event) => void save(event)} className={classes.form}>
          <Textarea
            label={t('invitation.paste')}
            description={t('invitation.pasteHint')}
            rows={10}
            value={text ?? ''}
            onChange={(event) => setText(event.currentTarget.value)}
            error={wrong.length > 0 && t('invitation.wrongLines', { count: wrong.length, lines: wrong.slice(0, SHOWN).join(' | ') })}
            data-autofocus
            data-testid="contacts-text"
          />
          <Button type="submit" disabled={contacts.length === 0 || wrong.length > 0} data-testid="contacts-save">
            {t('invitation.saveContacts', { count: contacts.length })}
          </Button>
        </form>
      </Modal>
    </>
  );
}
