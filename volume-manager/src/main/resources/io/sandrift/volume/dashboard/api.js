// The admin API from the page: requests with the token, and the stream of events.

const TOKEN = "sandrift.token";

/** An answer that is an error; its message says what to do. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function setToken(token) {
  sessionStorage.setItem(TOKEN, token);
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
  const answer = await fetch(path, { headers: headers({ Accept: "application/json" }) });
  if (!answer.ok) throw await failure(answer);
  return answer.json();
}

export async function send(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: headers({ "Content-Type": "application/json", Accept: "application/json" }),
    body: JSON.stringify(body ?? {}),
  });
  if (!answer.ok) throw await failure(answer);
  const text = await answer.text();
  return text ? JSON.parse(text) : {};
}

/** Like get, but null where this server, or this user, has no such thing. */
export async function maybe(path) {
  try {
    return await get(path);
  } catch (e) {
    if (e instanceof ApiError && [403, 404, 405, 503].includes(e.status)) return null;
    throw e;
  }
}

/**
 * Reads the stream until it ends. EventSource would do, if it could send a token.
 */
export async function listen(path, onEvent) {
  const answer = await fetch(path, { headers: headers({ Accept: "text/event-stream" }) });
  if (!answer.ok) throw await failure(answer);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      let name = "message";
      let data = "";
      for (const line of block.split("\n")) {
        if (line.startsWith("event:")) name = line.slice(6).trim();
        else if (line.startsWith("data:")) data += line.slice(5).trim();
      }
      if (data) onEvent(name, JSON.parse(data));
    }
  }
}
