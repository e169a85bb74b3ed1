package quarry;

/** Names of tests that are the same in every run. */
final class Names {
  private Names() {}

  /** Without what tells one object from another: identity hashes, numbers of generated classes. */
  static String stable(String name) {
    return name
        .replaceAll("\\$\\$Lambda[$/][\\w/.]*(?:@[0-9a-f]+)?", "\\$\\$Lambda")
        .replaceAll("(?<=[\\w$\\]])@[0-9a-f]{4,16}\\b", "");
  }

  static String simple(String className) {
    return className.substring(className.lastIndexOf('.') + 1);
  }
}
