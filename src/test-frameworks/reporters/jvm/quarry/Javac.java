package quarry;

/** What the javac of the JDK at hand takes, and how it is told. */
final class Javac {
  /** The last level that it compiles for with other platform classes than its own. */
  static final int OWN_PLATFORM = 8;

  private Javac() {}

  static int feature() {
    Integer level = level(System.getProperty("java.specification.version", "8"));
    return level == null ? 8 : level;
  }

  /** The lowest level that it compiles for (javac's own documentation of each version). */
  static int lowestLevel() {
    int feature = feature();
    if (feature >= 20) return 8;
    if (feature >= 12) return 7;
    return feature >= 9 ? 6 : 1;
  }

  /** Of `1.8` and `11`; null where nothing is said, or no number. */
  static Integer level(String text) {
    try {
      return text == null ? null : Integer.valueOf(text.trim().replaceFirst("^1\\.", ""));
    } catch (NumberFormatException unreadable) {
      return null;
    }
  }

  /** As `-source` and `-target` have it. */
  static String named(int level) {
    return level < 9 ? "1." + level : String.valueOf(level);
  }

  /** What makes an error of what the compiler of the day let pass: each compiler checks comments by rules of its own. */
  static boolean isStrict(String argument) {
    return argument.equals("-Werror") || argument.startsWith("-Xdoclint");
  }

  /** What it is told to compile against Java 8's own interface; null where there is no such jar, and where it is an 8 or older itself. */
  static String forEight(String platform) {
    return feature() > OWN_PLATFORM ? JavaEight.argument(platform) : null;
  }
}
