// The admin API from the page: requests with the token, and the stream of events.

const TOKEN = "sandrift.token";

/** The stream tells something every second; silence for so long is a connection that hangs. */
const SILENCE_MILLIS = 8000;

/** No answer takes longer, but a move: it ends when the client has followed, or its own limit has passed. */
const ANSWER_MILLIS = 65000;

/** An answer that is an error; its message says what to do. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const hasToken = () => sessionStorage.getItem(TOKEN) !== null;

/** Keeps the token for this tab; null forgets it. */
export function setToken(token) {
  if (token) sessionStorage.setItem(TOKEN, token);
  else sessionStorage.removeItem(TOKEN);
}

function headers(more) {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { ...more, Authorization: `Bearer ${token}` } : more;
}

async function failure(answer) {
  let message = `${answer.status} ${answer.statusText}`;
  try {
    const problem = await answer.json();
    message = problem.detail || problem.title || message;
  } catch {
    // Not a problem document; the status says it.
  }
  return new ApiError(answer.status, message);
}

export async function get(path) {
  const answer = await fetch(path, { headers: headers({ Accept: "application/json" }), signal: AbortSignal.timeout(ANSWER_MILLIS) });
  if (!answer.ok) throw await failure(answer);
  return answer.json();
}

export async function send(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: headers({ "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": crypto.getRandomValues(new Uint32Array(4)).join("-") }),
    body: JSON.stringify(body ?? {}),
    signal: AbortSignal.timeout(ANSWER_MILLIS),
  });
  if (!answer.ok) throw await failure(answer);
  const text = await answer.text();
  return text ? JSON.parse(text) : {};
}

/**
 * Reads the stream until it ends, or has been silent for too long. EventSource would do, if it could send a token.
 */
export async function listen(path, onEvent) {
  const hangs = new AbortController();
  let watch = setTimeout(() => hangs.abort(), SILENCE_MILLIS);
  try {
    const answer = await fetch(path, { headers: headers({ Accept: "text/event-stream" }), signal: hangs.signal });
    if (!answer.ok) throw await failure(answer);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(watch);
      watch = setTimeout(() => hangs.abort(), SILENCE_MILLIS);
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) parse(block, onEvent);
    }
  } finally {
    clearTimeout(watch);
  }
}

function parse(block, onEvent) {
  let name = "message";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data += line.slice(5).trim();
  }
  if (data) onEvent(name, JSON.parse(data));
}
