package quarry;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The one channel on which test results leave a sandbox, as in report.cjs: each line is `<hmac> <json>`, the HMAC over the line's number and
 * text. The secret is read once, before any code of the repository runs, and removed.
 */
final class SignedReport {
  private static final int LONGEST_TEXT = 16384;

  private final Path file;
  private final Mac mac;
  private final long deadline;
  private int number = 0;

  private SignedReport(Path file, Mac mac, long deadline) {
    this.file = file;
    this.mac = mac;
    this.deadline = deadline;
  }

  /** Null where this run reports nothing: an install, a build. */
  static SignedReport claim(Path folder) throws Exception {
    Path nonce = folder.resolve("nonce");
    if (!Files.isRegularFile(nonce)) return null;
    byte[] secret = new String(Files.readAllBytes(nonce), StandardCharsets.UTF_8).trim().getBytes(StandardCharsets.UTF_8);
    Files.delete(nonce);
    Path limit = folder.resolve("deadline");
    long deadline = Files.isRegularFile(limit) ? Long.parseLong(new String(Files.readAllBytes(limit), StandardCharsets.UTF_8).trim()) : 0;
    Files.deleteIfExists(limit);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    SignedReport report = new SignedReport(folder.resolve("tests.jsonl"), mac, deadline);
    report.write("{\"t\":\"start\",\"cwd\":" + text(System.getProperty("user.dir")) + "}");
    return report;
  }

  /** When the run has to be over, in milliseconds since 1970; 0 where nothing says. */
  long deadline() {
    return deadline;
  }

  void test(String source, List<String> path, String status, Double milliseconds, String message) throws IOException {
    StringBuilder names = new StringBuilder();
    for (String name : path) names.append(names.length() == 0 ? "" : ",").append(text(name));
    write(
        "{\"t\":\"test\",\"file\":" + text(source) + ",\"path\":[" + names + "],\"status\":" + text(status)
            + ",\"ms\":" + (milliseconds == null ? "null" : String.valueOf(milliseconds))
            + ",\"message\":" + text(message) + "}");
  }

  void end() throws IOException {
    write("{\"t\":\"end\"}");
  }

  private synchronized void write(String json) throws IOException {
    byte[] signature = mac.doFinal((number + ":" + json).getBytes(StandardCharsets.UTF_8));
    StringBuilder line = new StringBuilder();
    for (byte each : signature) line.append(String.format("%02x", each));
    line.append(' ').append(json).append('\n');
    // Opened anew for each line: nobody can close it.
    Files.write(
        file,
        line.toString().getBytes(StandardCharsets.UTF_8),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    number += 1;
  }

  private static String text(String value) {
    if (value == null) return "null";
    StringBuilder quoted = new StringBuilder("\"");
    for (int at = 0; at < Math.min(value.length(), LONGEST_TEXT); at += 1) {
      char each = value.charAt(at);
      if (each == '"' || each == '\\') quoted.append('\\').append(each);
      else if (each < 0x20 || Character.isSurrogate(each) || each == 0x7f) quoted.append(String.format("\\u%04x", (int) each));
      else quoted.append(each);
    }
    return quoted.append('"').toString();
  }
}
