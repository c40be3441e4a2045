import { ActionIcon, Button, Menu, useMantineColorScheme } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { LANGUAGES, language, setLanguage } from '../i18n';
import type { User } from '../protocol';
import classes from './Header.module.css';
import { Icon, type IconName } from './icons';
import { useShortcutHelp } from './shortcuts';

export interface HeaderProps {
  user: User | null;
  onLogout?: () => void;
}

export function Header({ user, onLogout }: HeaderProps) {
  const { t } = useTranslation();
  const showKeys = useShortcutHelp();
  return (
    <header className={classes.header}>
      <a href="#/" className={classes.brand} title={t('app.home')}>
        <img src="./icon.svg" alt="" width="30" height="30" />
        <span className={classes.name}>{t('app.name')}</span>
        <span className={classes.tagline}>{t('app.tagline')}</span>
      </a>
      <span className={classes.space} />
      {user && <PlaceLink href="#/calendar" icon="calendar" label="calendar.title" testId="to-calendar" />}
      {user && <PlaceLink href="#/readiness" icon="check" label="readiness.title" testId="to-readiness" />}
      {user && user.role !== 'technician' && (
        <PlaceLink href="#/history" icon="file" label="history.title" testId="to-history" />
      )}
      {user && user.role !== 'technician' && (
        <PlaceLink href="#/recordings" icon="record" label="recordings.title" testId="to-recordings" />
      )}
      {user && user.role !== 'host' && (
        <PlaceLink href="#/rehearsal" icon="gauge" label="rehearsal.title" testId="to-rehearsal" />
      )}
      {user && (
        <ActionIcon variant="subtle" size="lg" aria-label={t('app.keys')} onClick={showKeys} className={classes.wide}>
          <Icon name="keyboard" />
        </ActionIcon>
      )}
      <LanguageButton />
      <SchemeButton />
      {user && <AccountMenu user={user} onLogout={onLogout} />}
    </header>
  );
}

interface PlaceLinkProps {
  href: string;
  icon: IconName;
  label: 'calendar.title' | 'readiness.title' | 'history.title' | 'recordings.title' | 'rehearsal.title';
  testId: string;
}

function PlaceLink({ href, icon, label, testId }: PlaceLinkProps) {
  const { t } = useTranslation();
  return (
    <Button
      component="a"
      href={href}
      variant="subtle"
      size="compact-md"
      leftSection={<Icon name={icon} />}
      aria-label={t(label)}
      title={t(label)}
      className={classes.place}
      data-testid={testId}
    >
      <span className={classes.wide}>{t(label)}</span>
    </Button>
  );
}

function LanguageButton() {
  useTranslation(); // draws the button again when the language changes
  const other = LANGUAGES.find((name) => name !== language()) ?? 'vi';
  return (
    <Button
      variant="subtle"
      size="compact-md"
      lang={other}
      onClick={() => setLanguage(other)}
      aria-label={other === 'en' ? 'EN: English' : 'VI: Tiếng Việt'}
    >
      {other.toUpperCase()}
    </Button>
  );
}

const SCHEMES = {
  auto: { icon: 'auto', label: 'app.schemeAuto', next: 'light' },
  light: { icon: 'sun', label: 'app.schemeLight', next: 'dark' },
  dark: { icon: 'moon', label: 'app.schemeDark', next: 'auto' },
} as const satisfies Record<string, { icon: IconName; label: string; next: string }>;

function SchemeButton() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const scheme = SCHEMES[colorScheme];
  const text = `${t('app.scheme')}: ${t(scheme.label)}`;
  return (
    <ActionIcon
      variant="subtle"
      size="lg"
      aria-label={text}
      title={text}
      onClick={() => setColorScheme(scheme.next)}
    >
      <Icon name={scheme.icon} />
    </ActionIcon>
  );
}

function AccountMenu({ user, onLogout }: { user: User; onLogout?: () => void }) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-end" withinPortal={false}>
      <Menu.Target>
        <Button
          variant="subtle"
          size="compact-md"
          leftSection={<Icon name="user" />}
          aria-label={`${t('app.account')}: ${user.name}`}
          className={classes.account}
        >
          <span className={classes.accountName}>{user.name}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.name}, {t(`role.${user.role}`)}
        </Menu.Label>
        <Menu.Item onClick={onLogout}>{t('app.logout')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
