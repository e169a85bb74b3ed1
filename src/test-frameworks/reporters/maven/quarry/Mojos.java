package quarry;

import java.lang.reflect.Field;

/** A configured goal's parameters, which Maven keeps in fields of all its versions by the same names. */
final class Mojos {
  private Mojos() {}

  /** False where this version has no such parameter, or one of another type. */
  static boolean set(Object mojo, String name, Object value) {
    Field field = field(mojo, name);
    if (field == null || !fits(field.getType(), value)) return false;
    try {
      field.set(mojo, value);
      return true;
    } catch (IllegalAccessException | IllegalArgumentException denied) {
      return false;
    }
  }

  static Object get(Object mojo, String name) {
    Field field = field(mojo, name);
    try {
      return field == null ? null : field.get(mojo);
    } catch (IllegalAccessException denied) {
      return null;
    }
  }

  private static boolean fits(Class<?> type, Object value) {
    if (value == null) return !type.isPrimitive();
    if (type == boolean.class) return value instanceof Boolean;
    if (type == int.class) return value instanceof Integer;
    return type.isInstance(value);
  }

  private static Field field(Object mojo, String name) {
    for (Class<?> type = mojo.getClass(); type != null; type = type.getSuperclass()) {
      try {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
      } catch (NoSuchFieldException inherited) {
        continue;
      }
    }
    return null;
  }
}
