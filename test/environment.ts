// Tests and the processes that they start see the same environment, whoever runs them: the variables that change what is printed are left out.

/** What `tty.WriteStream.getColorDepth`, readline and the libraries for terminals go by. Set by CI hosts, by terminals, and by people. */
const forTerminals = [
  "CI",
  "NO_COLOR",
  "FORCE_COLOR",
  "NODE_DISABLE_COLORS",
  "COLORTERM",
  "TMUX",
  "COLUMNS",
  "LINES",
];

for (const name of forTerminals) delete process.env[name];
