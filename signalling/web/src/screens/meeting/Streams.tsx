import { ActionIcon, Button, CopyButton, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useCallback, useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoment } from '../../i18n/format';
import { Icon } from '../../parts/icons';
import { useToasts } from '../../parts/Toaster';
import { STREAM_ROLES, type Meeting, type ReplyOf, type StreamRole, type StreamToken } from '../../protocol';
import { useLive } from '../../state/LiveContext';
import classes from './Views.module.css';

const HOURS = { min: 1, max: 168, usual: '24' };
const HOUR_S = 3600;

/** Lets encoders in and players watch: WHIP and WHEP, each with a token of this meeting. */
export function Streams({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Icon name="antenna" size={16} />}
        onClick={() => setOpen(true)}
        data-testid="streams"
      >
        {t('streams.button')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={t('streams.title')}
        size="lg"
        lockScroll={false}
        closeButtonProps={{ 'aria-label': t('app.close') }}
      >
        <p className={classes.intro}>{t('streams.intro')}</p>
        <Tokens meeting={meeting} />
      </Modal>
    </>
  );
}

type Made = ReplyOf<'stream.token'>;

function Tokens({ meeting }: { meeting: Meeting }) {
  const { t } = useTranslation();
  const live = useLive();
  const { notify, attempt } = useToasts();
  const [tokens, setTokens] = useState<StreamToken[] | null>(null);
  const [made, setMade] = useState<Made | null>(null);

  const refresh = useCallback(
    () =>
      live.client.request('stream.list', { meeting: meeting.id }).then(
        (reply) => setTokens(reply.tokens),
        () => undefined,
      ),
    [live, meeting.id],
  );
  useEffect(() => void refresh(), [refresh]);

  const revoke = async (stream: number): Promise<void> => {
    if (await attempt(live.client.request('stream.revoke', { meeting: meeting.id, stream }))) {
      setMade((shown) => (shown?.stream === stream ? null : shown));
      notify({ text: t('streams.revoked') });
      await refresh();
    }
  };

  return (
    <>
      {made && <Secret made={made} />}
      <TokenForm
        meeting={meeting}
        onMade={(fresh) => {
          setMade(fresh);
          void refresh();
        }}
      />
      <h3>{t('streams.list')}</h3>
      {tokens?.length === 0 && <p className={classes.dim}>{t('streams.none')}</p>}
      <ul className={classes.list}>
        {tokens?.map((token) => (
          <TokenRow key={token.stream} token={token} onRevoke={() => void revoke(token.stream)} />
        ))}
      </ul>
    </>
  );
}

function TokenRow({ token, onRevoke }: { token: StreamToken; onRevoke: () => void }) {
  const { t } = useTranslation();
  const name = token.name || t('streams.unnamed', { id: token.stream });
  return (
    <li className={classes.row} data-testid={`stream-${token.stream}`}>
      <div className={classes.words}>
        <strong>{name}</strong>
        <span className={classes.dim}>
          {t(`streams.${token.role}`)} · {t('streams.until', { when: formatMoment(token.expires_ms), by: token.made_by })}
        </span>
      </div>
      <ActionIcon
        variant="subtle"
        color="red"
        aria-label={t('streams.revoke', { name })}
        title={t('streams.revoke', { name })}
        onClick={onRevoke}
        data-testid={`stream-revoke-${token.stream}`}
      >
        <Icon name="remove" size={18} />
      </ActionIcon>
    </li>
  );
}

/** What is told only once. */
function Secret({ made }: { made: Made }) {
  const { t } = useTranslation();
  return (
    <div className={classes.secret} role="status" data-testid="stream-made">
      <strong>{t('streams.made')}</strong>
      <Copied label={t('streams.url')} text={made.url} testId="stream-url" />
      <Copied label={t('streams.token')} text={made.token} testId="stream-token" />
    </div>
  );
}

function Copied({ label, text, testId }: { label: string; text: string; testId: string }) {
  const { t } = useTranslation();
  return (
    <div className={classes.copy}>
      <TextInput label={label} value={text} readOnly onFocus={(event) => event.currentTarget.select()} data-testid={testId} />
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button variant="default" aria-label={`${t('streams.copy')}: ${label}`} onClick={copy}>
            {t(copied ? 'streams.copied' : 'streams.copy')}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}

const isHours = (text: string): boolean =>
  /^\d+$/.test(text.trim()) && Number(text) >= HOURS.min && Number(text) <= HOURS.max;

function TokenForm({ meeting, onMade }: { meeting: Meeting; onMade: (made: Made) => void }) {
  const { t } = useTranslation();
  const live = useLive();
  const { attempt } = useToasts();
  const [role, setRole] = useState<StreamRole>('publish');
  const [name, setName] = useState('');
  const [hours, setHours] = useState(HOURS.usual);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isHours(hours)) {
      return;
    }
    const wish = { meeting: meeting.id, role, ttl_s: Number(hours) * HOUR_S, ...(name.trim() && { name: name.trim() }) };
    void attempt(live.client.request('stream.token', wish).then(onMade));
  };

  return (
    <form className={classes.form} onSubmit={submit} data-testid="stream-form">
      <div className={classes.fields}>
        <NativeSelect
          label={t('streams.role')}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value as StreamRole)}
          data={STREAM_ROLES.map((each) => ({ value: each, label: t(`streams.${each}`) }))}
          data-testid="stream-role"
        />
        <TextInput
          label={t(role === 'publish' ? 'streams.name' : 'streams.nameWatch')}
          value={name}
          maxLength={100}
          onChange={(event) => setName(event.currentTarget.value)}
          data-testid="stream-name"
        />
        <TextInput
          label={t('streams.hours')}
          inputMode="numeric"
          value={hours}
          onChange={(event) => setHours(event.currentTarget.value)}
          error={!isHours(hours) && t('streams.range', HOURS)}
          data-testid="stream-hours"
        />
      </div>
      <div className={classes.answers}>
        <Button type="submit" disabled={!isHours(hours)} data-testid="stream-make">
          {t('streams.make')}
        </Button>
      </div>
    </form>
  );
}
