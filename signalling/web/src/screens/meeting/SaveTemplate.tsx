import { ActionIcon, Button, Modal, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../parts/icons';
import { useToasts } from '../../parts/Toaster';
import type { Meeting } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import { tidy, titleProblem } from '../../state/plan';
import classes from './Meeting.module.css';

/** Keeps the meeting as it is now under a name, for the next time. */
export function SaveTemplate({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation();
  const { client } = useLive();
  const { attempt, notify } = useToasts();
  const [name, setName] = useState<string | null>(null);

  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const kept = tidy(name ?? '');
    if (await attempt(client.request('template.make', { meeting: meeting.id, name: kept }))) {
      notify({ text: t('template.saved', { name: kept }) });
      setName(null);
    }
  };

  return (
    <>
      <ActionIcon
        variant="subtle"
        size="lg"
        aria-label={t('template.save')}
        title={t('template.save')}
        onClick={() => setName(meeting.title)}
        data-testid="save-template"
      >
        <Icon name="star" size={20} />
      </ActionIcon>
      <Modal
        opened={name !== null}
        onClose={() => setName(null)}
        title={t('template.save')}
        lockScroll={false}
        centered
        closeButtonProps={{ 'aria-label': t('app.close') }}
      >
        <form onSubmit={(event) => void save(event)}>
          <TextInput
            label={t('plan.name')}
            description={t('template.saveHint')}
            value={name ?? ''}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
            data-testid="template-name"
          />
          <div className={classes.answers}>
            <Button variant="default" onClick={() => setName(null)}>
              {t('app.cancel')}
            </Button>
            <Button type="submit" disabled={titleProblem(name ?? '') !== null} data-testid="template-save">
              {t('plan.save')}
            </Button>
          </div>
        </form>
      </Modal>
    </>
  );
}
