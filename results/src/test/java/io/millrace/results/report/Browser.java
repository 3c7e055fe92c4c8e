package io.millrace.results.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A headless Chromium with one page, driven over its DevTools; belongs to the thread that made it. */
final class Browser implements AutoCloseable {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final String LISTENING = "DevTools listening on ws://";
    private static final int PATIENCE_S = 120;
    /** Taller pictures are cut into several. */
    private static final int SLICE = 1800;
    /** Pixels across a page of A4 within its margins. */
    private static final int PAPER = 718;

    private final Process process;
    private final WebSocket socket;
    private final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
    private final List<String> problems = new ArrayList<>();
    private int lastId;

    private Browser(final Process process, final String address) throws IOException, InterruptedException {
        this.process = process;
        final HttpClient http = HttpClient.newHttpClient();
        String page = null;
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (page == null) { // it listens before it has made its first page
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IOException("no page within " + PATIENCE_S + " s");
            }
            final String pages = http.send(HttpRequest.newBuilder(URI.create("http://" + address + "/json/list"))
                .build(), HttpResponse.BodyHandlers.ofString()).body();
            for (final JsonNode target : MAPPER.readTree(pages)) {
                page = "page".equals(target.path("type").asText()) ? target.path("webSocketDebuggerUrl").asText()
                    : page;
            }
        }
        socket = http.newWebSocketBuilder().buildAsync(URI.create(page), new Listener()).join();
        for (final String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", MAPPER.createObjectNode());
        }
    }

    /** {@return the program, if there is one} */
    static Optional<Path> find() {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .flatMap(dir -> NAMES.stream().map(name -> Path.of(dir, name))).filter(Files::isExecutable).findFirst();
    }

    /**
     * Starts it.
     *
     * @param profile a directory of its own
     */
    static Browser start(final Path program, final Path profile) throws IOException, InterruptedException {
        final Process process = new ProcessBuilder(program.toString(), "--headless=new", "--no-sandbox",
            "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
            "--disable-background-networking", "--remote-debugging-port=0", "--user-data-dir=" + profile,
            "about:blank").redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            final CompletableFuture<String> address = new CompletableFuture<>();
            final Thread reader = new Thread(() -> address(process, address), "chromium-output");
            reader.setDaemon(true);
            reader.start();
            return new Browser(process, address.get(PATIENCE_S, TimeUnit.SECONDS));
        } catch (final IOException | InterruptedException | RuntimeException ex) {
            process.destroyForcibly();
            throw ex;
        } catch (final ExecutionException | TimeoutException ex) {
            process.destroyForcibly();
            throw new IOException(program + " does not say where it listens", ex);
        }
    }

    /** Reads on to the end, so that the process never waits for its pipe. */
    private static void address(final Process process, final CompletableFuture<String> address) {
        try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(LISTENING)) {
                    address.complete(line.substring(LISTENING.length()).replaceAll("/.*", ""));
                }
            }
            address.completeExceptionally(new IOException("it ended"));
        } catch (final IOException ex) {
            address.completeExceptionally(ex);
        }
    }

    /** Opens a file as if on a screen of this width. */
    void open(final Path html, final int width, final boolean isDark) throws InterruptedException {
        final ObjectNode metrics = MAPPER.createObjectNode().put("width", width).put("height", 900)
            .put("deviceScaleFactor", 1).put("mobile", false);
        call("Emulation.setDeviceMetricsOverride", metrics);
        final ObjectNode media = MAPPER.createObjectNode();
        media.putArray("features").addObject().put("name", "prefers-color-scheme")
            .put("value", isDark ? "dark" : "light");
        call("Emulation.setEmulatedMedia", media);
        final ObjectNode where = MAPPER.createObjectNode().put("url", html.toUri().toString());
        call("Page.navigate", where);
        while (!"complete".equals(evaluate("document.readyState").asText())
            || !evaluate("location.href").asText().startsWith("file:")) {
            Thread.onSpinWait();
        }
    }

    /** As it goes to paper, from a dark screen. */
    void openForPrint(final Path html) throws InterruptedException {
        open(html, PAPER, true);
        call("Emulation.setEmulatedMedia", MAPPER.createObjectNode().put("media", "print"));
    }

    void allowScripts(final boolean isAllowed) throws InterruptedException {
        call("Emulation.setScriptExecutionDisabled", MAPPER.createObjectNode().put("value", !isAllowed));
    }

    /** {@return what a script says, as JSON} */
    JsonNode evaluate(final String script) throws InterruptedException {
        final JsonNode answer = call("Runtime.evaluate", MAPPER.createObjectNode().put("expression", script)
            .put("returnByValue", true).put("awaitPromise", true));
        if (answer.has("exceptionDetails")) {
            throw new IllegalStateException(script + ": " + answer.get("exceptionDetails"));
        }
        return answer.path("result").path("value");
    }

    void key(final String key) throws InterruptedException {
        for (final String type : List.of("keyDown", "keyUp")) {
            call("Input.dispatchKeyEvent", MAPPER.createObjectNode().put("type", type).put("key", key)
                .put("code", key).put("windowsVirtualKeyCode", "Tab".equals(key) ? 9 : 39));
        }
    }

    /** {@return script errors, refused loads and requests to any network since the start} */
    List<String> problems() {
        return List.copyOf(problems);
    }

    /** The whole page, in as many pictures as it takes. */
    void picture(final Path prefix) throws IOException, InterruptedException {
        final JsonNode size = call("Page.getLayoutMetrics", MAPPER.createObjectNode()).path("cssContentSize");
        final int height = size.path("height").asInt();
        for (int top = 0, part = 1; top < height; top += SLICE, part++) {
            final ObjectNode shot = MAPPER.createObjectNode().put("format", "png").put("captureBeyondViewport", true);
            shot.putObject("clip").put("x", 0).put("y", top).put("width", size.path("width").asInt())
                .put("height", Math.min(SLICE, height - top)).put("scale", 1);
            Files.write(Path.of(prefix + "-" + part + ".png"), Base64.getDecoder().decode(
                call("Page.captureScreenshot", shot).path("data").asText()));
        }
    }

    void print(final Path file) throws IOException, InterruptedException {
        Files.write(file, Base64.getDecoder().decode(call("Page.printToPDF", MAPPER.createObjectNode()
            .put("printBackground", false)).path("data").asText()));
    }

    private JsonNode call(final String method, final ObjectNode params) throws InterruptedException {
        final ObjectNode request = MAPPER.createObjectNode().put("id", ++lastId).put("method", method);
        request.set("params", params);
        socket.sendText(request.toString(), true).join();
        while (true) {
            final JsonNode message = messages.poll(PATIENCE_S, TimeUnit.SECONDS);
            if (message == null) {
                throw new IllegalStateException(method + ": no answer within " + PATIENCE_S + " s");
            }
            if (message.path("id").asInt() == lastId) {
                if (message.has("error")) {
                    throw new IllegalStateException(method + ": " + message.get("error"));
                }
                return message.path("result");
            }
            note(message);
        }
    }

    private void note(final JsonNode event) {
        final String method = event.path("method").asText();
        final String url = event.path("params").path("request").path("url").asText();
        if ("Runtime.exceptionThrown".equals(method) || "Log.entryAdded".equals(method)
            || "Runtime.consoleAPICalled".equals(method)
            || "Network.requestWillBeSent".equals(method) && !url.startsWith("file:") && !url.startsWith("blob:")) {
            problems.add(event.toString());
        }
    }

    @Override
    public void close() {
        socket.abort();
        final List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        process.destroy();
        all.forEach(ProcessHandle::destroy);
        try {
            for (final ProcessHandle one : all) { // none may write on while its profile is deleted
                one.onExit().get(PATIENCE_S, TimeUnit.SECONDS);
            }
        } catch (final InterruptedException ex) {
            Thread.currentThread().interrupt();
        } catch (final ExecutionException | TimeoutException ex) {
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }

    /** Puts the parts of a message together. */
    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(final WebSocket from, final CharSequence part, final boolean isLast) {
            text.append(part);
            if (isLast) {
                try {
                    messages.add(MAPPER.readTree(text.toString()));
                } catch (final IOException ex) {
                    throw new java.io.UncheckedIOException(ex);
                }
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    /**
     * Pictures of reports at three widths in both themes, to be looked at.
     *
     * @param args a directory for the pictures, then HTML files
     */
    public static void main(final String[] args) throws IOException, InterruptedException {
        final Path profile = Files.createTempDirectory("chromium");
        try (Browser browser = start(find().orElseThrow(), profile)) {
            for (int i = 1; i < args.length; i++) {
                final Path html = Path.of(args[i]).toAbsolutePath();
                final String name = html.getFileName().toString().replace(".html", "");
                for (final int width : new int[] {390, 820, 1440}) {
                    for (final boolean isDark : new boolean[] {false, true}) {
                        browser.open(html, width, isDark);
                        browser.picture(Path.of(args[0], name + "-" + width + (isDark ? "-dark" : "-light")));
                        if (!isDark) {
                            System.out.println(name + " " + width + ": " + browser.evaluate(PageChecks.FLAWS));
                        }
                    }
                }
                browser.print(Path.of(args[0], name + ".pdf"));
                browser.openForPrint(html);
                browser.picture(Path.of(args[0], name + "-print"));
            }
            System.out.println(browser.problems());
        }
    }
}
