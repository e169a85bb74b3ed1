package quarry;

import org.codehaus.groovy.runtime.InvokerHelper;

/** What only some versions of Gradle and some plugins have, asked for by name, as a build script would. */
final class Dynamic {
  private Dynamic() {}

  /** Null where there is no such property. */
  static Object get(Object target, String name) {
    try {
      return target == null ? null : InvokerHelper.getProperty(target, name);
    } catch (RuntimeException | LinkageError other) {
      return null;
    }
  }

  /** False where there is no such property, or one of another type. */
  static boolean set(Object target, String name, Object value) {
    try {
      if (target == null) return false;
      InvokerHelper.setProperty(target, name, value);
      return true;
    } catch (RuntimeException | LinkageError other) {
      return false;
    }
  }

  /** Null where there is no such method, and what a method without a value gives. */
  static Object call(Object target, String name, Object... given) {
    try {
      return target == null ? null : InvokerHelper.invokeMethod(target, name, given);
    } catch (RuntimeException | LinkageError other) {
      return null;
    }
  }
}
