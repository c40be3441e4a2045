import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '@mantine/core/styles.css';
import './theme.css';
import { App } from './App';
import { startI18n } from './i18n';
import { ErrorBoundary } from './screens/ErrorBoundary';

startI18n();

// Mantine would inject its variables and classes as <style> elements; they come from files instead.
createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <ErrorBoundary>
        <App />
      </ErrorBoundary>
    </MantineProvider>
  </StrictMode>,
);
